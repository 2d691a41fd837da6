select data, markdown from results where job = $1

select data from results where job = $1
